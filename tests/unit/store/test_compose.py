"""The server for a lab is as closed and as bounded as the local one."""

from pathlib import Path

import yaml

from store.graph import OLDEST
from store.installation import Installation

ROOT = Path(__file__).parents[3]


def settings(environment):
    """Names as neo4j.conf has them: one underscore is a dot, two are an underscore."""
    found = {}
    for name, value in environment.items():
        bare = name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")
        found[bare] = value
    return found


def test_compose_file_keeps_what_the_local_server_keeps(tmp_path):
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["neo4j"]
    installation = Installation(tmp_path)
    installation.configure(1, 2)
    ours = dict(
        line.split("=", 1)
        for line in (tmp_path / "neo4j" / "conf" / "neo4j.conf").read_text().splitlines()
    )
    theirs = settings(service["environment"])
    same = (
        "dbms.security.allow_csv_import_from_file_urls",
        "internal.dbms.cypher_ip_blocklist",
        "dbms.usage_report.enabled",
        "db.transaction.timeout",
    )
    assert {name: theirs[name] for name in same} == {name: ours[name] for name in same}
    assert set(theirs) - {"AUTH"} <= set(ours), "no name is misspelt"
    version = service["image"].removeprefix("neo4j:").removesuffix("-community")
    assert tuple(map(int, version.split("."))) >= OLDEST
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["healthcheck"]["test"][0] == "CMD-SHELL"
    assert set(yaml.safe_load((ROOT / "compose.yaml").read_text())["volumes"]) == {
        volume.split(":")[0] for volume in service["volumes"]
    }
