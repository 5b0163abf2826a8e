"""CPU per sample of a run through the OpenAI SDK, beside a bare loop over the same SDK.

Aim: at most 1.25 times the bare loop, which sends the same requests to the same local server,
holds the answers in memory and does nothing else: no barrier, no journal, no score, no store.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from workload import measured, write_workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from peers import running

SAMPLES = 600
ROUNDS = 5
MOST_BARE_LOOPS = 1.6
"""CI's pass mark, before its 25 % of slack: these machines are noisy (seen: see the docs)."""

BARE = """
import asyncio, os, sys
from openai import AsyncOpenAI

async def main(count):
    client = AsyncOpenAI(base_url=os.environ["BENCH_URL"], api_key="sk-test", max_retries=0)
    gate = asyncio.Semaphore(32)

    async def ask(number):
        text = f"order {number} of 12.50 EUR on 2026-11-23 did not come. " * 4
        async with gate:
            answer = await client.chat.completions.create(
                model="gpt-6-luna", max_completion_tokens=200, messages=[
                    {"role": "system", "content": "Repeat what the customer says."},
                    {"role": "user", "content": text.strip()},
                ])
            return answer.choices[0].message.content

    await asyncio.gather(*(ask(number) for number in range(count)))
    await client.close()

asyncio.run(main(int(sys.argv[1])))
"""


def main() -> int:
    """Print the figures; 1 when the ratio is beyond its slack."""
    os.environ["OPENAI_API_KEY"] = "sk-test"
    with running.strict() as server, tempfile.TemporaryDirectory() as name:
        server.answers(text="an order", input=80, output=10)
        os.environ["BENCH_URL"] = f"{server.url}/v1"
        folders = {count: Path(name) / str(count) for count in (1, SAMPLES)}
        for count, folder in folders.items():
            write_workspace(folder, count)
            (folder / "runners" / "gpt.yaml").write_text(
                "runner: gpt\nprovider: openai\napi: chat\nmodel: gpt-6-luna\nconcurrency: 32\n"
                f"base_url: {server.url}/v1\nparameters: {{max_output_tokens: 200}}\n",
                encoding="utf-8",
            )
        ours, bare = [], []
        for _ in range(ROUNDS):
            command = ("-m", "paygrade", "run", "-r", "gpt", "--no-cache", "-q", "-w")
            one, many = (measured(*command, str(folders[n])).cpu_s for n in (1, SAMPLES))
            ours.append((many - one) / (SAMPLES - 1))
            one, many = (measured("-c", BARE, str(n)).cpu_s for n in (1, SAMPLES))
            bare.append((many - one) / (SAMPLES - 1))
        calls = server.counts()["calls"]
    asked = ROUNDS * 2 * (SAMPLES + 1)
    # of each round its own: a machine that others use is slow for minutes, and then fast again
    ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    print(f"openai SDK, chat, {SAMPLES} samples, 32 in flight, start-up taken off, of {ROUNDS}:")
    print(f"  CPU per sample               {statistics.median(ours) * 1e3:.2f} ms")
    print(f"  bare SDK loop                {statistics.median(bare) * 1e3:.2f} ms")
    print(f"  ratio                        {ratio:.2f}   (aim 1.25)")
    print(f"  calls that the server saw    {calls:,} of {asked:,}")
    return int(calls != asked or ratio > MOST_BARE_LOOPS * 1.25)


if __name__ == "__main__":
    raise SystemExit(main())
