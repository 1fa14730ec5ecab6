// The http module of Node.js in the processes of its cluster module, also where one would do.
'use strict';

const { inProcesses, workers } = require('./start.js');
const { listen } = require('./node-server.js');

inProcesses(workers, listen);
