// Requests to the desk. Throws NoConnection when nothing came back, Refused when the desk said no.

const language = document.documentElement.lang;

export class NoConnection extends Error {}

export class Refused extends Error {
  constructor(status, problem, seconds) {
    super(problem.title || String(status));
    this.status = status;
    this.detail = problem.detail || "";
    this.seconds = seconds;
  }
}

export function headers(token) {
  const sent = { "Accept-Language": language };
  if (token) sent.Authorization = `Bearer ${token}`;
  return sent;
}

export async function ask(method, path, token, body) {
  const sent = headers(token);
  if (body !== undefined) sent["Content-Type"] = "application/json";
  return fetched(path, { method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body) },
    (response) => response.json());
}

export async function fetchFile(path, token) {
  return fetched(path, { headers: headers(token) }, async (response) => ({
    name: /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "")?.[1] || "",
    content: await response.blob(),
  }));
}

async function fetched(path, options, read) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 20000);
  try {
    const response = await fetch(path, { ...options, signal: limit.signal, cache: "no-store", credentials: "omit" });
    if (!response.ok) await refuse(response);
    return await read(response);
  } catch (error) {
    throw error instanceof Refused ? error : new NoConnection();
  } finally {
    clearTimeout(timer);
  }
}

export async function refuse(response) {
  const problem = await response.json().catch(() => ({}));
  throw new Refused(response.status, problem, Number(response.headers.get("Retry-After")) || 0);
}

// Waits longer after each failure, a little different for everyone.
export function pause(failures) {
  return Math.min(30000, 1000 * 2 ** Math.min(failures, 5)) * (0.7 + Math.random() * 0.3);
}
