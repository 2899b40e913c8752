// nginx as the floor, without buffering, as streams need it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

export async function start({ upstream, folder }) {
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off;
worker_processes auto;
pid ${folder}/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path ${folder}/nginx-body;
    proxy_temp_path ${folder}/nginx-proxy;
    fastcgi_temp_path ${folder}/nginx-fastcgi;
    uwsgi_temp_path ${folder}/nginx-uwsgi;
    scgi_temp_path ${folder}/nginx-scgi;
    client_max_body_size 32m;
    client_body_buffer_size 1m;
    keepalive_requests 1000000000;
    upstream provider { server ${upstream.host}; keepalive 1024; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:${port};
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 1h;
        }
    }
}
`,
  );
  return startProcess("nginx", ["-p", folder, "-c", file, "-e", "stderr"], { port });
}
