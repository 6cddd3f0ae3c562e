// SPDX-License-Identifier: ISC
// The status page of lnsd.  What peers say only ever becomes text: nothing here
// makes HTML of a string.
"use strict";

const stages = ["ike", "esp", "l2tp", "ppp", "up"];
const stageNames = { ike: "IKE", esp: "IPsec", l2tp: "L2TP", ppp: "PPP", up: "connected" };
const $ = (id) => document.getElementById(id);

function make(name, text, className) {
	const e = document.createElement(name);
	if (text !== undefined)
		e.textContent = text;
	if (className)
		e.className = className;
	return e;
}

function svg(name, attributes, text) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [k, v] of Object.entries(attributes))
		e.setAttribute(k, v);
	if (text !== undefined)
		e.textContent = text;
	return e;
}

function scaled(n, units, base) {
	let i = 0;
	while (n >= base && i < units.length - 1) {
		n /= base;
		i++;
	}
	return (n >= 100 || i === 0 ? Math.round(n) : n.toFixed(1)) + " " + units[i];
}
const bits = (n) => scaled(n, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"], 1000);
const octets = (n) => scaled(n, ["B", "kB", "MB", "GB", "TB"], 1000);

function lasting(s) {
	if (s === null || s === undefined)
		return "";
	if (s < 60)
		return s + " s";
	if (s < 3600)
		return Math.floor(s / 60) + " min";
	if (s < 86400)
		return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
	return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
}

function withPort(address, port) {
	if (!port)
		return address;
	return (address.includes(":") ? "[" + address + "]" : address) + ":" + port;
}

// --- in short ---

function card(name, value, note, bad) {
	const c = make("div", undefined, "card");
	c.append(make("span", name, "faint"), make("b", value),
	    make("span", note || "", bad ? "bad" : "faint"));
	return c;
}

function showStatus(s) {
	const states = [
		["IKE " + s.pluto, s.pluto === "running" || s.pluto === "off"],
		[s.guard ? "guard stands" : "no guard", s.guard || s.pluto === "off"],
	];
	if (s.draining)
		states.push(["draining", false]);
	document.title = s.hostname + ": " + s.sessions_up +
	    (s.sessions_up === 1 ? " session" : " sessions");
	$("name").textContent = s.hostname;
	$("states").replaceChildren(...states.map(([text, good]) =>
	    make("span", text, "state " + (good ? "good" : "bad"))));
	$("since").textContent = "lnsd " + s.version + ", running for " + lasting(s.seconds);
	const cards = [
		card("Sessions", s.sessions_up, s.sessions > s.sessions_up ?
		    s.sessions - s.sessions_up + " connecting" : ""),
		card("Tunnels", s.tunnels_established, s.tunnels > s.tunnels_established ?
		    s.tunnels - s.tunnels_established + " half open" : ""),
		card("Connected so far", s.setups, s.failures + " failed"),
	];
	for (const p of s.pools)
		cards.push(card("Pool " + p.profile, p.dhcp ? p.used : p.used + " of " + p.size,
		    p.dhcp ? "by DHCP" : p.free + " free", !p.dhcp && p.free === 0));
	$("cards").replaceChildren(...cards);
	showTimes(s.times, s.bucket_ms);
}

// --- how long ---

// Where this share of a histogram lies, in ms; straight lines within a bucket.
function quantile(t, limits, share) {
	let seen = 0, from = 0;
	for (let i = 0; i < limits.length; i++) {
		if (seen + t.buckets[i] >= t.n * share && t.buckets[i] > 0)
			return from + (limits[i] - from) * (t.n * share - seen) / t.buckets[i];
		seen += t.buckets[i];
		from = limits[i];
	}
	return from;
}

function row(name, bars, note) {
	const r = make("div", undefined, "row"), bar = make("div", undefined, "bar");
	for (const [share, className] of bars) {
		const i = make("i", undefined, className);
		i.style.width = Math.max(0, Math.min(100, share * 100)) + "%";
		bar.append(i);
	}
	r.append(make("span", name), bar, make("span", note));
	return r;
}

function showTimes(times, limits) {
	const list = times.map((t) => ({ stage: t.stage, n: t.n,
		mid: t.n ? quantile(t, limits, .5) : 0,
		most: t.n ? quantile(t, limits, .9) : 0 }));
	const top = Math.max(100, ...list.map((t) => t.most));
	$("times").replaceChildren(...list.map((t) => row(stageNames[t.stage],
	    [[t.most / top, "most"], [t.mid / top, "mid"]],
	    t.n ? (t.mid / 1000).toFixed(2) + " s, " + (t.most / 1000).toFixed(2) + " s" : "none yet")));
}

// --- throughput ---

let shown = null;

function showHistory(h) {
	shown = h;
	const points = [];
	for (let i = 1; i < h.samples.length; i++) {
		const [t, , rx, tx] = h.samples[i], was = h.samples[i - 1];
		const s = Math.max(1, t - was[0]);
		points.push({ t, rx: (rx - was[2]) * 8 / s, tx: (tx - was[3]) * 8 / s });
	}
	const box = $("throughput"), w = Math.max(300, box.clientWidth || 300), h0 = 180;
	const left = 74, right = 8, top = 8, bottom = 22;
	const end = points.length ? points[points.length - 1].t : 0;
	const begin = points.length ? Math.min(points[0].t, end - 300) : -300;
	const peak = Math.max(1000, ...points.map((p) => Math.max(p.rx, p.tx)));
	const x = (t) => left + (t - begin) / (end - begin) * (w - left - right);
	const y = (v) => top + (1 - v / peak) * (h0 - top - bottom);
	const plot = svg("svg", { viewBox: "0 0 " + w + " " + h0, role: "img",
		"aria-label": "throughput, at most " + bits(peak) });
	for (const share of [0, .5, 1]) {
		const at = y(peak * share);
		plot.append(svg("line", { x1: left, x2: w - right, y1: at, y2: at, class: "grid" }),
		    svg("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, bits(peak * share)));
	}
	plot.append(svg("text", { x: left, y: h0 - 6 }, lasting(end - begin) + " ago"),
	    svg("text", { x: w - right, y: h0 - 6, "text-anchor": "end" }, "now"));
	for (const way of ["rx", "tx"])
		if (points.length)
			plot.append(svg("path", { class: way, d: points.map((p, i) =>
			    (i ? "L" : "M") + x(p.t).toFixed(1) + " " + y(p[way]).toFixed(1)).join("") }));
	box.replaceChildren(plot);
	const last = points[points.length - 1];
	$("span").textContent = last ? bits(last.rx) + " from, " + bits(last.tx) + " to clients" : "";
}

// --- sessions ---

const rates = new Map(); // of a session: when, and how much by then

function rate(key, now, n) {
	const was = rates.get(key);
	rates.set(key, [now, n]);
	return was && now > was[0] && n >= was[1] ? (n - was[1]) * 8000 / (now - was[0]) : null;
}

function carried(s, way, now) {
	const n = s[way + "_octets"];
	if (n === null || n === undefined)
		return "";
	const r = rate(s.tunnel_id + "/" + s.session_id + way, now, n);
	return octets(n) + (r ? " (" + bits(r) + ")" : "");
}

function showSessions(a) {
	const names = ["User", "Client", "Address", "For", "Idle", "From", "To", "Cipher", "Kind"];
	const rows = a.sessions.map((s) => {
		const cells = [s.user || "(" + s.state + ")",
			withPort(s.client_address, s.client_port), s.address || "",
			lasting(s.seconds), lasting(s.idle_seconds), carried(s, "rx", a.time_ms),
			carried(s, "tx", a.time_ms), s.cipher || "", s.client || ""];
		const tr = make("tr");
		tr.append(...cells.map((text, i) => {
			const td = make("td", text, i >= 3 && i <= 6 ? "number" : "");
			td.dataset.name = names[i];
			return td;
		}));
		return tr;
	});
	for (const [key, was] of rates)
		if (was[0] !== a.time_ms)
			rates.delete(key);
	$("sessions").tBodies[0].replaceChildren(...rows);
	$("sessions").hidden = !rows.length;
	$("n-sessions").textContent = rows.length ? rows.length : "none";
}

// --- attempts ---

function openLadder(d, a) {
	if (!d.open || d.querySelector(".ladder"))
		return;
	const box = make("div", undefined, "ladder"), img = make("img");
	img.alt = "sequence diagram of attempt " + a.n;
	img.src = "/api/ladder.svg?n=" + a.n;
	box.append(img);
	d.append(box);
}

function attempt(a, open) {
	const d = make("details"), s = make("summary");
	const good = a.result === "up" || a.result === "ended";
	d.id = "n" + a.n;
	d.dataset.version = a.result + a.last_ms;
	s.append(make("b", a.user || a.host || a.id || a.peer),
	    make("span", a.result, good ? "good" : a.result === "failed" ? "bad" : ""),
	    make("span", (a.cause && a.text ? ": " + a.text : "")),
	    make("span", withPort(a.peer, a.port) + ", " +
		new Date(a.begun * 1000).toLocaleString(), "when"));
	d.append(s);
	if (a.detail)
		d.append(make("p", a.detail, "faint"));
	if (a.mend)
		d.append(make("p", a.mend));
	d.addEventListener("toggle", () => openLadder(d, a));
	d.open = open;
	return d;
}

function showAttempts(a) {
	const box = $("attempts"), had = location.hash.slice(1);
	const list = a.attempts.map((x, i) => {
		const old = document.getElementById("n" + x.n);
		if (old && old.dataset.version === x.result + x.last_ms)
			return old;
		return attempt(x, old ? old.open : had === "n" + x.n || (had === "last" && i === 0));
	});
	box.replaceChildren(...list);
	if (!list.length)
		box.append(make("p", "Nobody has tried yet.", "faint"));
	const n = Math.max(1, a.funnel.ike ? a.funnel.ike.reached : 0,
	    ...stages.map((s) => a.funnel[s].reached));
	$("funnel").replaceChildren(...stages.map((s) => row(stageNames[s],
	    [[a.funnel[s].reached / n, ""]], a.funnel[s].reached +
	    (a.funnel[s].failed ? ", " + a.funnel[s].failed + " failed" : ""))));
	$("funnel-note").textContent = "Of the last " + a.kept + " that are remembered.";
}

// --- again and again ---

async function get(path, show) {
	const r = await fetch(path);
	if (!r.ok)
		throw new Error(path + ": " + r.status);
	show(await r.json());
}

async function refresh() {
	if (document.hidden)
		return;
	try {
		await get("/api/status.json", showStatus);
		await get("/api/sessions.json", showSessions);
		await get("/api/history.json", showHistory);
		await get("/api/attempts.json", showAttempts);
		$("trouble").hidden = true;
	} catch (e) {
		$("trouble").textContent = "lnsd does not answer: " + e.message;
		$("trouble").hidden = false;
	}
	document.body.dataset.ready = "yes";
}

async function run() {
	await refresh();
	setTimeout(run, 5000);
}

document.addEventListener("visibilitychange", refresh);
addEventListener("resize", () => shown && showHistory(shown));
run();
