import { Router } from 'express';
import { exportOrders, exportOrdersListed } from '../services/exporter';
import { importCatalogueImage, importImage } from '../services/images';

export const admin = Router();

admin.post('/export', (req, res) => {
  const { format = 'csv', name } = req.body; // source: export
  res.status(202).json({ file: exportOrders({ format, name }) });
});

admin.post('/export/list', (req, res) => {
  const { format = 'csv', name } = req.body; // source: listed
  res.status(202).json({ file: exportOrdersListed({ format, name }) });
});

admin.post('/images', async (req, res) => {
  const image = await importImage(req.body.url); // source: url
  res.status(201).json({ bytes: image.length });
});

admin.post('/images/catalogue', async (req, res) => {
  const image = await importCatalogueImage(req.body.host, req.body.article); // source: catalogue
  res.status(201).json({ bytes: image.length });
});
