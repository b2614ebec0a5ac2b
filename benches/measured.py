"""Runs flagmatch on folders with truth for accuracy.py and attack.py, and prints markdown tables."""

import json
import os
import re
import subprocess

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SHIPPED_RELATIVES = os.path.join(ROOT, "src", "matching", "unseen", "shipped.toml")


def share(counts):
    return (f"{counts['share']:.4f} ({counts['part']:,} of {counts['whole']:,}; "
            f"{counts['low']:.4f} to {counts['high']:.4f})")  # fmt: skip


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join("---" for _ in head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


class Folder:
    """A folder with inputs, truth.csv and job.toml; jobs with other settings stand in `work`, beside links."""

    def __init__(self, flagmatch, folder, work):
        self.flagmatch = flagmatch
        self.path = os.path.join(work, "jobs", os.path.basename(os.path.normpath(folder)))
        os.makedirs(self.path, exist_ok=True)
        for name in os.listdir(folder):
            link = os.path.join(self.path, name)
            if not name.endswith(".toml") and name != "out" and not os.path.lexists(link):
                os.symlink(os.path.abspath(os.path.join(folder, name)), link)
        with open(os.path.join(folder, "job.toml"), encoding="utf-8") as file:
            self.text = file.read()

    def job(self, name, settings=(), suppliers=""):
        """Writes a job with these settings of [matching], in place of the same ones that it has."""
        text = self.text
        for setting in settings:
            text = re.sub(rf"(?m)^{setting.split('=')[0].strip()} *=.*\n", "", text)
        said = "\n".join(["[matching]", *settings])
        if settings:
            text = re.sub(r"(?m)^\[matching\]$", said, text) if "[matching]" in text else f"{text.rstrip()}\n{said}\n"
        path = os.path.join(self.path, f"{name}.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.rstrip() + "\n" + suppliers)
        return path

    def train(self, job):
        """Trains on a job's inputs; returns the weights file, relative to the folder."""
        weights = os.path.basename(job).replace(".toml", ".weights")
        path = os.path.join(self.path, weights)
        if os.path.exists(path):
            os.remove(path)
        subprocess.run([self.flagmatch, "train", job, "--weights", path, "--quiet"], check=True, capture_output=True)
        return weights

    def evaluate(self, job):
        truth = os.path.join(self.path, "truth.csv")
        command = [self.flagmatch, "evaluate", job, "--truth", truth, "--json", "--quiet"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def both(self, settings=()):
        """What defaults and trained weights find: (name of the weights, figures) for each."""
        job = self.job("job", settings)
        trained = self.job("trained", [*settings, f'weights = "{self.train(job)}"'])
        return [("shipped", self.evaluate(job)), ("trained", self.evaluate(trained))]


def changed_relatives(path, kinds, factor):
    """Writes the shipped table of relatives with the rates of these kinds multiplied."""
    with open(SHIPPED_RELATIVES, encoding="utf-8") as file:
        lines = file.readlines()
    section = ""
    for number, line in enumerate(lines):
        if line.startswith("["):
            section = line.strip().strip("[]")
        if line.startswith("rate =") and section in kinds:
            rate = line.split("=", 1)[1]
            # Numbers that begin a value, not those within a name such as under-35.
            rate = re.sub(r"(?<![\w-])\d+(\.\d+)?", lambda found: f"{float(found[0]) * factor:.8f}", rate)
            lines[number] = f"rate ={rate}"
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
