// Buttons of our own for choosing files and taking photos, in the language of the page, and what was chosen.
// Without it the browser's own control is there, in the language of the browser.
(() => {
const words = document.currentScript.dataset;
const size = (bytes) => bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
const made = (name, more) => Object.assign(document.createElement(name), more);
// Drawn from the file itself: no address is made for it, so the policy of the page needs no exception.
const small = (file, row) => window.createImageBitmap && createImageBitmap(file).then((picture) => {
	const canvas = made("canvas", { height: 64, width: Math.min(160, 64 * picture.width / picture.height) });
	canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
	canvas.setAttribute("aria-hidden", "true");
	row.prepend(canvas);
	picture.close();
}, () => {}); // whether it is a picture is for the server to say
for (const input of document.querySelectorAll("input[type=file]")) {
	// Only looks like a button: the control, hidden to the eye alone, keeps its one label, its focus and its keys.
	const choose = made("span", { className: "btn", textContent: words.choose, onclick: () => input.click() });
	choose.setAttribute("aria-hidden", "true");
	const list = made("ul", { className: "chosen", hidden: true });
	list.setAttribute("aria-live", "polite");
	const show = () => {
		list.textContent = "";
		list.hidden = !input.files.length;
		for (const file of input.files) {
			const row = made("li", { textContent: `${file.name}（${size(file.size)}）` });
			list.append(row);
			if (/^image\/(jpeg|png)$/.test(file.type)) small(file, row);
		}
	};
	input.classList.add("vh");
	input.after(choose, list);
	if ("camera" in input.dataset && (!input.accept || input.accept.includes("image/"))) {
		const take = made("button", { type: "button", className: "btn camera", textContent: words.photo });
		const title = document.querySelector(`label[for="${input.id}"] .vh`);
		if (title) take.append(title.cloneNode(true));
		take.onclick = () => { // the same control, asked for a photo this once
			const { accept, multiple } = input;
			Object.assign(input, { accept: "image/*", multiple: false });
			input.setAttribute("capture", "environment");
			input.click();
			input.removeAttribute("capture");
			Object.assign(input, { accept, multiple });
		};
		choose.after(take);
	}
	input.addEventListener("change", show);
	input.addEventListener("emptied", show);
	addEventListener("pageshow", show); // going back, the browser may have kept what was chosen
}
})();
