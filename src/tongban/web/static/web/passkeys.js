// Lets a form be sent with what a passkey says. Without scripts the page asks for a code instead.
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/")), found = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i++) found[i] = plain.charCodeAt(i);
    return found;
  }
  function text(buffer) {
    var plain = "", found = new Uint8Array(buffer);
    for (var i = 0; i < found.length; i++) plain += String.fromCharCode(found[i]);
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function read(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || []).concat(options.excludeCredentials || []).forEach(function (one) {
      one.id = bytes(one.id);
    });
    return options;
  }
  function written(made) {
    var said = made.response, response = { clientDataJSON: text(said.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (said[name]) response[name] = text(said[name]);
    });
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response: response, clientExtensionResults: {}
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll("form[data-passkey]"), function (form) {
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      if (form.elements.credential.value) return;
      event.preventDefault();
      var options = { publicKey: read(JSON.parse(form.dataset.options)) };
      navigator.credentials[form.dataset.passkey](options).then(function (made) {
        form.elements.credential.value = written(made);
        form.submit();
      }, function () {
        // Cancelled, or none of this person's at hand: the page stays as it is, with the other way below.
      });
    });
  });
})();
