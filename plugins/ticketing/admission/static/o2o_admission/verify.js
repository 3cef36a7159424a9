"use strict";
// One scan after the other: the camera where the browser can, a scanner that types, or a keyboard.
const $ = (id) => document.getElementById(id);
const ask = document.body.dataset.ask;
const csrf = document.querySelector("meta[name=csrf]").content;
const reader = document.body.dataset.reader;
const REMEMBERED = "o2o-verify-gate";
let busy = false;
let stream = null;
let pending = null;
let audio = null;

const number = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

function sound(good) {
  try {
    audio = audio || new AudioContext();
    const tones = good ? [880, 1320] : [220, 180];
    tones.forEach((hz, place) => {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = hz;
      tone.type = good ? "sine" : "square";
      gain.gain.value = 0.2;
      tone.connect(gain).connect(audio.destination);
      tone.start(audio.currentTime + place * 0.15);
      tone.stop(audio.currentTime + place * 0.15 + 0.14);
    });
  } catch (_silent) { /* a browser without sound */ }
  if (navigator.vibrate) navigator.vibrate(good ? 80 : [200, 80, 200]);
}

function complain(words) {
  $("error").textContent = words;
  $("error").hidden = !words;
}

async function send(told) {
  // a lost answer is asked for again under the same number: nobody is let in twice
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(ask, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
        body: JSON.stringify(told),
      });
      return await response.json();
    } catch (error) {
      if (attempt >= 2) return { error: "网络不通，请检查网络后重试" };
      await new Promise((done) => setTimeout(done, 600 * (attempt + 1)));
    }
  }
}

async function verify(told, confirm) {
  if (busy) return;
  busy = true;
  complain("");
  const said = await send({ ...told, number: number(), gate: $("gate").value, confirm });
  busy = false;
  if (said.error) {
    sound(false);
    next({ keep: true });
    complain(said.hint ? `${said.error}。${said.hint}` : said.error);
    return;
  }
  pending = !confirm && said.answer === "passed" ? told : null;
  show(said);
}

// `pending`: it was only looked at, and nobody is counted before 确认核销, which is then the large button
function show(said) {
  $("answer").dataset.answer = pending ? "looked" : said.answer;
  $("label").textContent = pending ? "可以入场" : said.label;
  $("words").textContent = pending ? `可放行 ${said.admitted} 人，还没有核销` : said.words;
  $("what").textContent = [said.title, said.voucher].filter(Boolean).join(" ");
  $("hint").textContent = said.hint;
  $("answer").hidden = false;
  $("asking").hidden = true;
  $("confirm").hidden = !pending;
  $("next").textContent = pending ? "不核销，返回" : "下一位";
  sound(said.answer === "passed");
  (pending ? $("confirm") : $("next")).focus();
}

// `keep`: what was typed stays, it is tried again
function next({ keep = false } = {}) {
  $("answer").hidden = true;
  $("asking").hidden = false;
  pending = null;
  if (keep) return;
  for (const id of ["text", "phone", "people", "document"]) $(id).value = "";
  $("looked").checked = false;
  $("text").focus();
}

function typed() {
  const people = Number.parseInt($("people").value, 10);
  return {
    text: $("text").value.trim(),
    phone: $("phone").value.trim(),
    document: $("document").value.trim(),
    looked: $("looked").checked,
    people: Number.isFinite(people) && people > 0 ? people : null,
  };
}

// Reads what a frame shows: the browser itself where it can, else our own reader, which is loaded when it is needed.
async function eyes() {
  if ("BarcodeDetector" in window) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue || "";
  }
  await import(reader);
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    // a picture of this size has all that a code shows, and is read in a moment
    const scale = Math.min(1, 720 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    return globalThis.o2oReadQr(paper.getImageData(0, 0, canvas.width, canvas.height));
  };
}

async function camera() {
  const seen = await eyes();
  stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = $("camera");
  video.srcObject = stream;
  video.hidden = false;
  $("start").hidden = true;
  await video.play();
  const look = async () => {
    if (!busy && $("answer").hidden && video.readyState >= 2) {
      try {
        const found = await seen(video);
        if (found) {
          $("text").value = found;
          await verify(typed(), !$("first").checked);
        }
      } catch (_frame) { /* a frame that could not be read */ }
    }
    setTimeout(look, 200);
  };
  look();
}

$("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("text").value.trim()) verify(typed(), !$("first").checked);
  else complain("请先扫码，或输入入场码、证件号");
});
$("confirm").addEventListener("click", () => { if (pending) verify(pending, true); });
$("next").addEventListener("click", () => next());
$("gate").addEventListener("change", () => localStorage.setItem(REMEMBERED, $("gate").value));
const kept = localStorage.getItem(REMEMBERED);
if (kept && [...$("gate").options].some((one) => one.value === kept)) $("gate").value = kept;
// the scanner's keyboard goes to the field, wherever the finger was
document.addEventListener("keydown", (event) => {
  if (!$("answer").hidden && event.key.length === 1) next();
});
if (("BarcodeDetector" in window || reader) && navigator.mediaDevices) {
  $("start").hidden = false;
  $("start").addEventListener("click", () => camera().catch(() => complain("没有打开摄像头：请允许使用摄像头，或改用输入")));
} else {
  $("nocamera").hidden = false;
}
