import { Router } from 'express';
import { findProducts, searchProducts } from '../services/catalogue';
import { productPage, searchPage } from '../views/productViews';

export const products = Router();

products.get('/search', async (req, res) => {
  const term = String(req.query.q); // source: term
  const results = await searchProducts(term, req.query.sort as string); // source: sort
  res.send(searchPage(term, results)); // flow: xss from term
});

products.get('/find', async (req, res) => {
  const term = String(req.query.q); // source: found
  const results = await findProducts(term, req.query.sort as string);
  res.send(productPage(term, results)); // safe: xss
});
