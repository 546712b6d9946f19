const { execSync } = require('node:child_process');

exports.release = function release(version) {
  execSync('git tag ' + version);
};

exports.release(process.argv[2]);
