/**
 * Runs in the page, and lists what a person with a screen reader, a keyboard or weak eyes would trip over: controls
 * without a name, badges that do not say what they speak of, amounts that are not aligned, headings that skip a level, ids
 * that are given twice, and text whose contrast is below WCAG's 4.5 to 1.
 */
export const FIND_ACCESSIBILITY_FAULTS = `(() => {
  const faults = [];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const what = (element) => element.outerHTML.slice(0, 120);

  for (const control of shown('input, select, textarea')) {
    const name = control.getAttribute('aria-label') ?? [...(control.labels ?? [])].map((label) => label.textContent).join(' ');
    if (name.trim() === '') faults.push('no label: ' + what(control));
  }
  for (const control of shown('button, a[href], summary'))
    if ((control.textContent + (control.getAttribute('aria-label') ?? '')).trim() === '') faults.push('no name: ' + what(control));
  for (const table of shown('table')) {
    // What a picture is made of is told in its label.
    if (table.closest('[role=img]')) continue;
    if (!table.caption) faults.push('no caption: ' + what(table));
    for (const head of table.querySelectorAll('th')) if (head.scope === '') faults.push('no scope: ' + what(head));
  }
  const words = (element) => element.textContent.trim().split(/\\s+/).length;
  for (const badge of shown('.badge')) if (words(badge) < 2) faults.push('a badge of nothing: ' + what(badge));
  for (const amount of shown('td .number'))
    if (getComputedStyle(amount.closest('td')).textAlign !== 'right') faults.push('an amount to the left: ' + what(amount));
  let level = 0;
  for (const heading of shown('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push('a heading skips a level: ' + what(heading));
    level = next;
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) faults.push('an id twice: ' + id);

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (color, under) => {
    canvas.fillStyle = under;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const css = ([red, green, blue]) => 'rgb(' + red + ',' + green + ',' + blue + ')';
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(getComputedStyle(each).backgroundColor);
    return layers.reverse().reduce((under, layer) => css(paint(layer, under)), '#fff');
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === '' || seen.has(element) || !isShown(element) || element.closest('script, noscript, :disabled, .hidden, .skip')) continue;
    seen.add(element);
    const ground = groundOf(element);
    const [light, dark] = [luminance(paint(getComputedStyle(element).color, ground)), luminance(paint(ground, '#fff'))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faults.push('contrast ' + ratio.toFixed(2) + ': ' + what(element));
  }
  return [...new Set(faults)].slice(0, 20);
})()`;
