const { exec } = require('child_process');

function createReport(name) {
  exec('report --name ' + name);
}

module.exports = { createReport };
