"""What can be said of the DAG files without Airflow: `python static_check.py [folder]` prints it as JSON.

    {"faults": ["file:line: …"], "commands": [{"file", "line", "words": ["kb", "sync"], "options": ["--json"]}]}

Airflow reads the files every few seconds: so they import little, and do nothing when they are read.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

DAGS = Path(__file__).resolve().parent.parent / "dags"

# airflow.decorators, airflow.models, airflow.operators still import, and only warn that they go away.
AIRFLOW = ("airflow.sdk", "airflow.exceptions", "airflow.providers.cncf.kubernetes", "airflow.providers.slack")
OWN = {path.stem for path in DAGS.glob("*.py")}
OTHERS = {"kubernetes.client"}


def allowed(module: str) -> bool:
    if module in OTHERS or module in OWN:
        return True
    if module.split(".")[0] in sys.stdlib_module_names:
        # What reaches out, or starts programs, has no place in a file that only describes.
        return module.split(".")[0] not in {"http", "urllib", "socket", "subprocess", "ftplib", "smtplib", "asyncio"}
    return any(module == name or module.startswith(f"{name}.") for name in AIRFLOW)


def imports(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or "."


def faults_of(path: Path, tree: ast.Module, text: str):
    for node, module in imports(tree):
        if not allowed(module):
            yield f"{path.name}:{node.lineno}: imports {module}"
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield f"{path.name}:{node.lineno}: calls something when the file is read"
    calls = [name for name in ("cali_dag", "DAG") if f"with {name}(" in text]
    # Airflow opens only files that hold both words; one without them is silently no DAG.
    if calls and not ("dag" in text.lower() and "airflow" in text.lower()):
        yield f"{path.name}: Airflow would not look into it, since it does not hold the word airflow"


def commands_of(path: Path, tree: ast.Module):
    """Of each call of cali_task: the arguments before the first option or text made at run time, and the options."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cali_task"):
            continue
        texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args[1].elts]
        options = [text for text in texts if text is not None and text.startswith("-")]
        end = next((i for i, text in enumerate(texts) if text is None or text.startswith("-")), len(texts))
        yield {"file": path.name, "line": node.lineno, "words": texts[:end], "options": options}


def check(folder: Path):
    faults, commands = [], []
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        try:
            tree = ast.parse(text, str(path))
        except SyntaxError as error:
            faults.append(f"{path.name}:{error.lineno}: {error.msg}")
            continue
        faults.extend(faults_of(path, tree, text))
        commands.extend(commands_of(path, tree))
    return {"faults": faults, "commands": commands}


if __name__ == "__main__":
    print(json.dumps(check(Path(sys.argv[1]) if len(sys.argv) > 1 else DAGS)))
