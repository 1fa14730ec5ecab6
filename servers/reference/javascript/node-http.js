// The http module of Node.js in one process: node-http.js HOST PORT [1 [sync|async]], how whole files are read.
'use strict';

require('./node-server.js').listen(undefined, process.argv[5]);
