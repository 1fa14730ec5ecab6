// The http module of Node.js in one process.
'use strict';

require('./node-server.js').listen();
