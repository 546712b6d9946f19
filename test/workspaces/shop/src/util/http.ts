import axios from 'axios';

export async function fetchBytes(url: string): Promise<Buffer> {
  const answer = await axios.get<ArrayBuffer>(url, { responseType: 'arraybuffer' }); // flow: ssrf from src/routes/admin.ts:url; safe: ssrf from src/routes/admin.ts:catalogue
  return Buffer.from(answer.data);
}
