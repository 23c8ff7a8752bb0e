"""Solves a model as a job: submits it, tells how far it is, prints the plan. Python 3.9 or newer, standard library only.

    python3 solve_job.py model.json [--url http://127.0.0.1:8080] [--variant mes] [--time-limit 30]

With keys, EGRESSO_KEY holds the bearer key. Exit code: 0 with a plan, 1 without.
"""

import argparse
import hashlib
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request


LOST = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


class Busy(Exception):
    """The service asks to come again after some seconds."""

    def __init__(self, seconds, reason):
        super().__init__(reason)
        self.seconds = seconds


def request(url, path, body=None, headers=None, timeout=60):
    """Opens a response; a problem document becomes a RuntimeError, or Busy where it may help to come again."""
    headers = {"content-type": "application/json", **(headers or {})}
    if os.environ.get("EGRESSO_KEY"):
        headers["authorization"] = f"Bearer {os.environ['EGRESSO_KEY']}"
    try:
        return urllib.request.urlopen(urllib.request.Request(url + path, body, headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        try:
            problem = json.load(error)
        except ValueError:
            problem = {"code": str(error.code), "detail": error.reason, "errors": []}
        if error.code in (429, 503):
            raise Busy(float(error.headers.get("retry-after", 1)), f"{problem['code']}: {problem['detail']}") from None
        lines = [f"{problem['code']}: {problem['detail']}"]
        lines += [f"  {fault['pointer']}: {fault['message']}" for fault in problem["errors"]]
        raise RuntimeError("\n".join(lines)) from None


def again(work, attempts=8):
    """What `work` returns, tried again where the answer was lost or the service is busy."""
    for attempt in range(attempts):
        try:
            return work()
        except (Busy, *LOST) as error:
            if attempt + 1 == attempts:
                raise RuntimeError(str(error)) from None
            time.sleep(error.seconds if isinstance(error, Busy) else min(30, 2**attempt))


def fetch(url, path, body=None, headers=None):
    """The whole of a response, as bytes."""
    with request(url, path, body, headers) as response:
        return response.read()


def submit(url, body):
    """Submits a job: the key makes it one job however often it is sent."""
    headers = {"idempotency-key": hashlib.sha256(body).hexdigest()}
    return json.loads(again(lambda: fetch(url, "/v1/jobs", body, headers)))


def events(url, job):
    """Yields (type, data) until the job has ended; a lost connection is taken up where it was."""
    last = None
    while True:
        headers = {} if last is None else {"last-event-id": last}
        try:
            with request(url, f"/v1/jobs/{job}/events", headers=headers) as response:
                if response.status == 204:
                    return
                kind = None
                for line in response:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if name == "id":
                        last = value
                    elif name == "event":
                        kind = value
                    elif name == "data":
                        data = json.loads(value)
                        yield kind, data
                        if kind == "state" and data["state"] in ("done", "failed", "cancelled"):
                            return
        except Busy as busy:
            time.sleep(busy.seconds)
        except LOST:
            time.sleep(1)


def main():
    parser = argparse.ArgumentParser(description="Solve a model as a job.")
    parser.add_argument("model", help="JSON file, or - for stdin")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--variant", choices=["ses", "mes"], default="ses")
    parser.add_argument("--time-limit", type=float, default=30, help="seconds")
    arguments = parser.parse_args()
    with sys.stdin if arguments.model == "-" else open(arguments.model, encoding="utf-8") as file:
        model = json.load(file)
    options = {"variant": arguments.variant, "timeLimitMs": 1000 * arguments.time_limit}
    job = submit(arguments.url, json.dumps({"model": model, "options": options}).encode())
    print(f"job {job['id']}", file=sys.stderr)
    for kind, data in events(arguments.url, job["id"]):
        if kind == "progress":
            print(f"{data['phase']}: best {data['incumbent']}, bound {data['bound']}, gap {data['gap']}", file=sys.stderr)
        elif kind == "state":
            job = data
            print(job["state"], file=sys.stderr)
    if job["state"] == "failed":
        raise RuntimeError(f"{job['problem']['code']}: {job['problem']['detail']}")
    plan = again(lambda: fetch(arguments.url, f"/v1/jobs/{job['id']}/plan"))
    sys.stdout.write(plan.decode() + "\n")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
