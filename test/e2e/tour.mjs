/**
 * A tour through the packaged extension in the workbench, as a user would take it: a file of the sample shop with its
 * squiggles and code lenses, a hover, the tree of taint paths, a step clicked. Each stop is one check and one picture.
 */
import path from 'node:path';
import { openBrowser, openedAt, workbenchUrl } from './workbench.mjs';

const patience = 60_000;

/** A file of the sample shop with an entry point, a source and a sink; the line (from 1) is the sink's. */
export const demo = { file: 'src/routes/products.ts', line: 10 };

/**
 * @param {{authority: string, folder: string, pictures: string}} tour `folder` is a copy of the sample shop; pictures go to
 *   the folder `pictures`.
 * @returns the stops, to be run in order: `{title, run}`.
 */
export async function prepareTour({ authority, folder, pictures }) {
  const { page, close } = await openBrowser({ width: 1400, height: 860 });
  page.setDefaultTimeout(patience);
  const picture = (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
  const stops = [
    {
      title: 'the workbench shows a finding as squiggle and code lens',
      async run() {
        await page.goto(workbenchUrl(authority, folder, openedAt(authority, folder, demo)));
        await page.waitForSelector('.monaco-workbench');
        await page.waitForSelector('.squiggly-error, .squiggly-warning');
        await page.waitForSelector('.codelens-decoration >> text=/taint paths? reach|untrusted input flows/');
        await picture('editor');
      },
    },
    {
      title: 'a hover on the sink explains it',
      async run() {
        const squiggle = page.locator('.squiggly-error, .squiggly-warning').first();
        const box = await squiggle.boundingBox();
        if (box === null) throw new Error('the squiggle is not on the screen');
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 - 4);
        const hover = page.locator('.monaco-hover', { hasText: 'CWE-' });
        await hover.first().waitFor();
        await picture('hover');
        await page.mouse.move(5, 5);
      },
    },
    {
      title: 'the tree lists findings, paths and steps',
      async run() {
        await runCommand(page, 'View: Show Tributary');
        await widenSideBar(page, 170);
        const tree = page.locator('.pane', { hasText: 'Taint Paths' });
        const rows = tree.getByRole('treeitem');
        await rows.first().waitFor();
        // Everything below the first finding, down to its steps.
        await rows.first().click();
        for (let level = 0; level < 3; level++) {
          await page.keyboard.press('ArrowRight');
          await page.waitForTimeout(400);
          await page.keyboard.press('ArrowDown');
        }
        await tree
          .getByRole('treeitem', { name: /step 1 of/i })
          .first()
          .waitFor();
        await picture('tree');
      },
    },
    {
      title: 'a click on a step goes to its place in the code',
      async run() {
        const step = page.getByRole('treeitem', { name: /step 1 of/i }).first();
        const label = (await step.getAttribute('aria-label')) ?? '';
        const place = /([\w.-]+):(\d+)/.exec(label);
        if (place === null) throw new Error(`no place in ${JSON.stringify(label)}`);
        await step.click();
        await page.waitForSelector(`.tab.active >> text=${place[1]}`);
        await page
          .locator('.statusbar-item', { hasText: `Ln ${place[2]}` })
          .first()
          .waitFor();
        await picture('step');
      },
    },
    {
      title: 'the health of the index is a document',
      async run() {
        await runCommand(page, 'Tributary: Show Index Health');
        await page.waitForSelector('.tab.active >> text=Index Health.md');
        await page.locator('.view-line', { hasText: 'Memory and threads' }).first().waitFor();
        await picture('health');
      },
    },
  ];
  return { stops, page, close };
}

/** Runs a command by its title, through the command palette. */
async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().fill(`>${title}`);
  await page.locator('.quick-input-list').getByRole('option', { name: title }).first().click();
}

/** Drags the border between side bar and editor to the right, by so many pixels. */
async function widenSideBar(page, pixels) {
  const box = await page.locator('.part.sidebar').boundingBox();
  if (box === null) throw new Error('the side bar is not on the screen');
  const [x, y] = [box.x + box.width, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + pixels, y, { steps: 5 });
  await page.mouse.up();
}
