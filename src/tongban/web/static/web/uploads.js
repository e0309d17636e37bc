// Uploads in parts, over broken lines (tus 1.0.0). Without it the form sends the file as ever.
(() => {
const words = document.currentScript.dataset, store = sessionStorage, PART = 1 << 20;
const base64 = (text) => btoa(unescape(encodeURIComponent(text)));
const drawn = document.getElementById("uploading").content.firstElementChild;
for (const input of document.querySelectorAll("[data-upload]")) {
	const { form, dataset: { upload, code, when } } = input, known = upload + code + ":";
	const box = drawn.cloneNode(true), [bar, line, go, stop] = box.children;
	let queue = [], file, place, mark, call, timer, tries, sent, hints;
	input.after(box);
	const tell = (text, halted, kind) => {
		if (line.textContent !== text) line.textContent = text;
		line.className = kind || (halted ? "told" : "hint");
		box.hidden = false;
		go.hidden = !halted;
		bar.hidden = !file;
		stop.hidden = !place && !file;
	};
	const grow = (at) => {
		Object.assign(bar, { max: file.size, value: at });
		tell(`${words.sending} ${Math.floor(at / file.size * 5) * 20}%`);
	};
	const drop = () => { store.removeItem(mark); place = mark = file = null; };
	const empty = () => { input.value = ""; input.dispatchEvent(new Event("emptied")); }; // files.js lists what is chosen
	const halt = () => { clearTimeout(timer); if (call) { call.onloadend = null; call.abort(); } };
	const ask = (method, url, heads, body, done) => {
		const now = call = new XMLHttpRequest(), got = (name) => now.getResponseHeader(name);
		now.open(method, url);
		heads = { ...heads, "Tus-Resumable": "1.0.0", "X-CSRFToken": form.csrfmiddlewaretoken.value };
		for (const name in heads) now.setRequestHeader(name, heads[name]);
		if (body) now.upload.onprogress = (event) => grow(heads["Upload-Offset"] + event.loaded);
		now.onloadend = () => {
			const { status } = now, no = status > 399 && status < 500;
			if (status > 199 && status < 300) return done(got);
			if (no && method === "HEAD") return resume(place = null);
			if (!no || status === 423 || status === 409 && method !== "POST") {
				if (tries > 4) return tell(words.halted, true);
				tell(words.waiting);
				return timer = setTimeout(resume, 1000 << tries++);
			}
			drop();
			empty();
			tell(/^text.plain/.test(got("Content-Type")) ? now.responseText : words.failed, false, "err");
			if (status === 401) { // the session has ended: the way back, to this page
				const link = document.createElement("a");
				link.href = words.door + encodeURIComponent(location.pathname);
				link.textContent = words.enter;
				line.append(" ", link);
			}
			next();
		};
		now.send(body);
	};
	const resume = () => {
		halt();
		tell(words.sending);
		if (place) return ask("HEAD", place, {}, null, (got) => send(+got("Upload-Offset")));
		const about = `code ${base64(code)},filename ${base64(file.name)}`;
		ask("POST", upload, { "Upload-Length": file.size, "Upload-Metadata": about }, null, (got) => {
			place = got("Location");
			if (mark) store[mark] = place;
			send(0);
		});
	};
	const send = (at) => ask("PATCH", place, { "Upload-Offset": at, "Content-Type": "application/offset+octet-stream" },
		file.slice(at, at + PART), (got) => {
			const now = +got("Upload-Offset");
			tries = 0;
			grow(now);
			if (now < file.size) return send(now);
			drop();
			if (when && !queue.length) return location.replace(location.pathname);
			if (!queue.length) empty();
			const told = decodeURIComponent(got("Tongban-Hints"));
			hints = hints.concat(told || []);
			tell([`${words.sent} ${++sent}`, ...hints].join("；"), false, hints.length && "told");
			next();
		});
	const next = async () => {
		if (!(file = queue.shift())) return;
		place = mark = null;
		tries = bar.value = 0;
		if (crypto.subtle) { // only a digest is kept, for this tab
			const about = new TextEncoder().encode([file.name, file.size, file.lastModified]);
			mark = known + new Uint8Array(await crypto.subtle.digest("SHA-256", about)).join("-");
			place = store[mark];
		}
		resume();
	};
	const begin = () => { halt(); sent = 0; hints = []; queue = [...input.files]; next(); };
	go.onclick = () => { tries = 0; resume(); };
	stop.onclick = () => {
		halt();
		if (place) ask("DELETE", place, {}, null, () => {});
		queue = [];
		drop();
		empty();
		input.focus();
		tell(words.stopped);
	};
	addEventListener("online", () => file && resume());
	if (!when) input.onchange = begin;
	form.addEventListener("submit", (event) => {
		if (!when) { halt(); drop(); }
		else if (input.files.length) { event.preventDefault(); event.stopPropagation(); begin(); }
	});
	mark = Object.keys(store).find((key) => key.startsWith(known));
	if (mark) { place = store[mark]; tell(words.unfinished); }
}
})();
