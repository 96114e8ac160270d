// The board's behaviour: what can be opened, said on hover, saved, dragged and zoomed.
const SHOWN = new WeakMap();
const KEPT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
  "opacity", "font-family", "font-size", "font-weight", "font-variant-numeric",
];

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  if (!root) return undefined;
  if (SHOWN.get(root) !== data.html) {
    SHOWN.set(root, data.html);
    root.innerHTML = data.html;
    for (const part of root.querySelectorAll("[data-open]")) {
      if (!part.hasAttribute("tabindex")) part.setAttribute("tabindex", "0");
      if (part.tagName !== "A") part.setAttribute("role", "button");
    }
  }
  tools(root, data);
  const open = (event) => {
    const part = event.target.closest?.("[data-open]");
    if (!part || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setTriggerValue("open", part.getAttribute("data-open"));
  };
  root.onclick = (event) => {
    if (root.dragged) {
      root.dragged = false;
      return;
    }
    open(event);
  };
  root.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") open(event);
  };
  hints(root);
  if (data.zoom) zoomable(root);
  return () => root.querySelector(".hint")?.remove();
}

function hints(root) {
  const say = (part, x, y) => {
    let hint = root.querySelector(".hint");
    if (!part) {
      hint?.remove();
      return;
    }
    if (!hint) {
      hint = document.createElement("div");
      hint.className = "hint";
      hint.setAttribute("aria-hidden", "true");
      root.appendChild(hint);
    }
    hint.textContent = part.getAttribute("data-tip");
    const frame = root.getBoundingClientRect();
    const wide = hint.offsetWidth;
    const left = Math.min(Math.max(x - frame.left + 14, 4), Math.max(4, frame.width - wide - 4));
    hint.style.left = `${left}px`;
    hint.style.top = `${y - frame.top + 16}px`;
  };
  root.onpointermove = (event) =>
    say(event.target.closest?.("[data-tip]"), event.clientX, event.clientY);
  root.onpointerleave = () => say(null);
  root.onfocusin = (event) => {
    const part = event.target.closest?.("[data-tip]");
    const place = part?.getBoundingClientRect();
    say(part, place?.left ?? 0, place?.bottom ?? 0);
  };
  root.onfocusout = () => say(null);
}

function tools(root, data) {
  root.querySelector(".tools")?.remove();
  if (!data.name) return;
  const bar = document.createElement("div");
  bar.className = "tools";
  const pictures = [...root.querySelectorAll("svg.figure")];
  if (pictures.length) bar.appendChild(button("SVG", "Save the picture", () =>
    save(`${data.name}.svg`, "image/svg+xml", together(pictures))));
  if (data.csv !== null && data.csv !== undefined) {
    bar.appendChild(button("CSV", "Save the data", () =>
      save(`${data.name}.csv`, "text/csv", data.csv)));
  }
  root.prepend(bar);
}

function button(text, title, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = title;
  made.onclick = (event) => {
    event.stopPropagation();
    act();
  };
  return made;
}

function save(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// One file with all pictures of the board, the colours of the theme written out.
function together(pictures) {
  const sizes = pictures.map((one) => one.viewBox.baseVal);
  const wide = Math.max(...sizes.map((one) => one.width));
  const high = sizes.reduce((sum, one) => sum + one.height, 0);
  const ground = getComputedStyle(pictures[0]).getPropertyValue("--st-background-color");
  let top = 0;
  const parts = pictures.map((one, place) => {
    const copy = one.cloneNode(true);
    written(one, copy);
    copy.setAttribute("y", top);
    copy.setAttribute("width", sizes[place].width);
    copy.setAttribute("height", sizes[place].height);
    top += sizes[place].height;
    return new XMLSerializer().serializeToString(copy);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" ` +
    `viewBox="0 0 ${wide} ${high}"><rect width="100%" height="100%" fill="${ground.trim()}"/>` +
    `${parts.join("")}</svg>`;
}

function written(shown, copy) {
  const style = getComputedStyle(shown);
  for (const name of KEPT) {
    const value = style.getPropertyValue(name);
    if (value) copy.style.setProperty(name, value);
  }
  for (const name of ["data-open", "data-tip", "tabindex"]) copy.removeAttribute(name);
  for (const name of ["fill", "stroke"]) {
    if (copy.getAttribute(name)?.startsWith("var(")) copy.removeAttribute(name);  // style says it
  }
  for (let place = 0; place < shown.children.length; place += 1) {
    written(shown.children[place], copy.children[place]);
  }
}

function zoomable(root) {
  const picture = root.querySelector("svg.figure");
  if (!picture || picture.zoomed) return;
  picture.zoomed = true;
  picture.classList.add("zoom");
  const view = picture.viewBox.baseVal;
  const whole = { x: view.x, y: view.y, width: view.width, height: view.height };
  const scale = () => view.width / picture.getBoundingClientRect().width;
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    const frame = picture.getBoundingClientRect();
    const times = Math.exp(event.deltaY * 0.0015);
    const width = Math.min(whole.width, Math.max(whole.width / 20, view.width * times));
    const ratio = width / view.width;
    const x = view.x + ((event.clientX - frame.left) / frame.width) * view.width;
    const y = view.y + ((event.clientY - frame.top) / frame.height) * view.height;
    view.x = x - (x - view.x) * ratio;
    view.y = y - (y - view.y) * ratio;
    view.width = width;
    view.height *= ratio;
  }, { passive: false });
  let grip = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") return;
    grip = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener("pointerup", () => { grip = null; });
  picture.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const dx = event.clientX - grip.x;
    const dy = event.clientY - grip.y;
    if (!root.dragged && Math.hypot(dx, dy) < 4) return;
    root.dragged = true;
    view.x -= dx * scale();
    view.y -= dy * scale();
    grip = { x: event.clientX, y: event.clientY };
  });
  picture.addEventListener("dblclick", () => Object.assign(view, whole));
}
