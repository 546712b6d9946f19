import { config } from '../config';
import { fetchBytes } from '../util/http';

export async function importImage(url: string): Promise<Buffer> {
  return fetchBytes(url);
}

/** Only from hosts of ours, and only an article's own image. */
export async function importCatalogueImage(host: string, article: string): Promise<Buffer> {
  if (!(config.imageHosts as readonly string[]).includes(host)) {
    throw new Error('This host is not one of ours.');
  }
  return fetchBytes(`https://${host}/articles/${encodeURIComponent(article)}.jpg`);
}
