// 听这一页: reads the page aloud, by a voice of this device only, so that nothing of it goes elsewhere. Without one the button stays hidden.
(function () {
  var button = document.querySelector("[data-listen]"), speech = window.speechSynthesis;
  if (!button || !speech || !window.SpeechSynthesisUtterance) return;
  var language = document.documentElement.lang === "en" ? "en" : "zh";
  function voice() {
    return speech.getVoices().filter(function (one) { return one.localService && one.lang.indexOf(language) === 0; })[0];
  }
  function show() { button.hidden = !voice(); }
  show();
  if (speech.addEventListener) speech.addEventListener("voiceschanged", show);
  button.addEventListener("click", function () {
    if (speech.speaking) { speech.cancel(); return; }
    var said = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
    said.voice = voice();
    said.lang = said.voice.lang;
    said.rate = 0.9;
    speech.speak(said);
  });
  window.addEventListener("pagehide", function () { speech.cancel(); });
})();
