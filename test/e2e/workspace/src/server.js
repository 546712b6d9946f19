const express = require('express');
const { createReport } = require('./report');

const app = express();

app.get('/report', function handleReport(req, res) {
  createReport(req.query.name);
  res.end();
});

app.listen(3000);
