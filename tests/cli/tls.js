// A server with TLS for tests: node tls.js KEY CERTIFICATE. Prints its port.
//   /          an answer of a known length
//   /closed    one that ends with the connection, in order
//   /cut       the same, but cut off: closed without close_notify
//   /cut-short one whose length says more than comes before it is cut off
//   /left      an answer, then the connection is left without close_notify
//   /big       a megabyte
//   /echo      what was posted
// GET /seen says how many connections were made, how many of them resumed a session, which names
// they asked for, and which protocols (ALPN) were agreed on.
"use strict";
const fs = require("node:fs");
const https = require("node:https");
const net = require("node:net");

const raws = new Map(); // TCP connections by the client's port
const seen = { connections: 0, resumed: 0, names: {}, protocols: {} };
const count = (of, name) => (of[name] = (of[name] ?? 0) + 1);

// What is written by then goes out, and nothing behind it.
const cut = (request, head) => {
	const raw = raws.get(request.socket.remotePort);
	request.socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nhello`, () => raw.end());
};

const routes = {
	"/": (request, response) => response.end("hello"),
	"/closed": (request, response) => {
		response.writeHead(200, { Connection: "close" });
		response.useChunkedEncodingByDefault = false;
		response.end("hello");
	},
	"/cut": (request) => cut(request, "Connection: close"),
	"/cut-short": (request) => cut(request, "Content-Length: 10"),
	"/left": (request) => cut(request, "Content-Length: 5"),
	"/big": (request, response) => response.end(Buffer.alloc(1 << 20, "x")),
	"/echo": (request, response) => {
		const parts = [];
		request.on("data", (part) => parts.push(part));
		request.on("end", () => response.end(Buffer.concat(parts)));
	},
	"/seen": (request, response) => response.end(JSON.stringify(seen)),
};

const server = https.createServer(
	{ key: fs.readFileSync(process.argv[2]), cert: fs.readFileSync(process.argv[3]),
		ALPNProtocols: ["http/1.1"] },
	(request, response) => (routes[request.url] ?? routes["/"])(request, response));

server.on("secureConnection", (socket) => {
	seen.connections++;
	seen.resumed += socket.isSessionReused();
	count(seen.names, socket.servername);
	count(seen.protocols, socket.alpnProtocol);
	socket.on("error", () => {});
});
server.on("tlsClientError", () => {});

const listener = net.createServer((raw) => {
	const port = raw.remotePort;
	raws.set(port, raw);
	raw.on("close", () => raws.delete(port));
	raw.on("error", () => {});
	server.emit("connection", raw);
});
listener.listen(0, "127.0.0.1", 1024, () => console.log(listener.address().port));
