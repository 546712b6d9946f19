import { fetchBytes } from '../util/http';

const IMAGE_HOSTS = ['images.harbour.example', 'cdn.harbour.example'];

export async function importImage(url: string): Promise<Buffer> {
  return fetchBytes(url);
}

/** Only from hosts of ours, and only an article's own image. */
export async function importCatalogueImage(host: string, article: string): Promise<Buffer> {
  if (!IMAGE_HOSTS.includes(host)) {
    throw new Error('This host is not one of ours.');
  }
  return fetchBytes(`https://${host}/articles/${encodeURIComponent(article)}.jpg`);
}
