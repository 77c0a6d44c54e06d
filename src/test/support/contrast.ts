import type { Page } from 'playwright-core';
import { animationsEnd } from './browser.js';

/** Minimum contrast of text in WCAG 2.2 (1.4.3). */
const CONTRAST_MIN = 4.5;

/** The texts of a page with too little contrast to their background, each with its contrast. */
export async function faintTexts(page: Page): Promise<string[]> {
  await animationsEnd(page);
  return page.evaluate(`(${measure})(${CONTRAST_MIN})`) as Promise<string[]>;
}

/** Runs in the page. It uses the browser's types, which the tests are not compiled with. */
const measure = `(contrastMin) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  /** Red, green, blue and opacity of a colour in any notation. */
  const valuesOf = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, opacity] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, opacity / 255];
  };
  const over = (front, back) =>
    [0, 1, 2].map((part) => front[part] * front[3] + back[part] * (1 - front[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at !== null && layers.at(-1)?.[3] !== 1; at = at.parentElement) {
      layers.push(valuesOf(getComputedStyle(at).backgroundColor));
    }
    return layers.reduceRight((back, layer) => over(layer, back), valuesOf('Canvas'));
  };
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const element = texts.currentNode.parentElement;
    if (text === '' || !element.checkVisibility()) continue;
    const back = behind(element);
    const [dark, bright] = [luminance(over(valuesOf(getComputedStyle(element).color), back)), luminance(back)].sort(
      (a, b) => a - b,
    );
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < contrastMin) faint.push(contrast.toFixed(2) + ' ' + element.className + ': ' + text);
  }
  return faint;
}`;
