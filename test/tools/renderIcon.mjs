/** Renders `media/icon.svg` to `media/icon.png`, 256 × 256 with a transparent ground. Run it after changing the drawing. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser } from '../e2e/workbench.mjs';

const media = path.resolve(import.meta.dirname, '../../media');
const { page, close } = await openBrowser({ width: 256, height: 256 });
const drawing = readFileSync(path.join(media, 'icon.svg'), 'utf8');
await page.setContent(`<body style="margin:0;background:transparent">${drawing}</body>`);
await page.screenshot({ path: path.join(media, 'icon.png'), omitBackground: true });
await close();
