import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";

/** All that the page asks of a strict policy is `wasm-unsafe-eval`: to compile WebAssembly, and no JavaScript. */
export const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "Content-Security-Policy": policy,
  // Cross-origin isolation: without it a browser gives no shared memory, so no threads.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
} as const;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".map": "application/json",
};

/** Serves the files of one folder to this machine, until it is closed. Port 0: any that is free. */
export async function serve(folder: string, port: number): Promise<{ url: string; server: Server }> {
  const files = new Set(readdirSync(folder));
  const server = createServer(({ method, url = "/" }, response) => {
    const name = new URL(url, "http://localhost").pathname.slice(1) || "index.html";
    const status = method !== "GET" ? 405 : files.has(name) ? 200 : 404;
    const type = status === 200 ? (types[extname(name)] ?? "application/octet-stream") : "text/plain";
    response.writeHead(status, { ...headers, "Content-Type": type });
    response.end(status === 200 ? readFileSync(join(folder, name)) : `${status}`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return { url: `http://localhost:${typeof address === "object" ? address?.port : port}/`, server };
}
