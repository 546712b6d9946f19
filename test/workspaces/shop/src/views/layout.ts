/** The frame of every page. `title` and `body` are markup: whoever calls this escapes what came from outside. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title} - Harbour Shop</title></head>
  <body><main>${body}</main></body>
</html>`;
}

export function price(cents: number): string {
  return (cents / 100).toFixed(2);
}
