// Text whose contrast with its ground is below WCAG AA (4.5, or 3 where it is large).
() => {
  const parse = (text) => {
    const values = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    if (text.startsWith("color(srgb")) for (let i = 0; i < 3; i += 1) values[i] *= 255;
    return { r: values[0], g: values[1], b: values[2], a: values[3] ?? 1 };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const parent = (part) => part.parentElement ?? part.getRootNode()?.host ?? null;
  const ground = (part) => {
    const layers = [];
    for (let at = part; at; at = parent(at)) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const faint = [];
  const look = (root) => {
    for (const part of root.querySelectorAll("*")) {
      if (part.shadowRoot) look(part.shadowRoot);
      const own = [...part.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      if (!own || part.closest("svg.figure, style, script, canvas, [disabled], .js-plotly-plot")) continue;
      const box = part.getBoundingClientRect();
      const style = getComputedStyle(part);
      if (!box.width || !box.height || style.visibility === "hidden") continue;
      let opacity = 1;
      for (let at = part; at; at = parent(at)) opacity *= Number(getComputedStyle(at).opacity);
      const under = ground(part);
      const ink = parse(style.color);
      const shown = over({ ...ink, a: ink.a * opacity }, under);
      const [a, b] = [light(shown), light(under)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      const large = parseFloat(style.fontSize) >= 24;
      if (opacity > 0.05 && ratio < (large ? 3 : 4.5)) {
        faint.push(`${ratio.toFixed(2)} ${part.tagName} ${part.textContent.trim().slice(0, 40)}`);
      }
    }
  };
  look(document.body);
  return [...new Set(faint)];
}
