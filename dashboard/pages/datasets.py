"""Datasets: facts and provenance of each."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.address import address, begin, follow, link
from dashboard.page import head, need_circuits
from dashboard.views.board import board
from dashboard.views.marks import evidence_icon, species_chip
from dashboard.views.numbers import number
from dashboard.views.origin import dataset_facts, source_table
from dashboard.views.svg import element, words
from dashboard.views.tables import Column, Row, table

TITLE = "Datasets"
QUESTION = "Where do the data come from?"
ORDER = 10

COLUMNS = (
    Column("Dataset"),
    Column("Species"),
    Column("Evidence"),
    Column("Neurons", numeric=True),
    Column("Connections", numeric=True),
    Column("Pathways", numeric=True),
    Column("Circuits", numeric=True),
    Column("Version"),
    Column("Licence"),
)


def _row(entry: data.DatasetEntry) -> Row:
    manifest = entry.manifest
    return Row(
        [
            link(address("datasets", dataset=manifest.dataset), manifest.dataset, class_="whole"),
            species_chip(manifest.individual.species),
            element(
                "span",
                evidence_icon(manifest.evidence) + " " + words(manifest.evidence.value),
                class_="whole",
            ),
            number(entry.neurons),
            number(entry.connections),
            number(entry.pathways),
            number(len(manifest.circuits)),
            element("code", words(entry.provenance.version), class_="whole"),
            words(manifest.licence),
        ]
    )


head(__file__)
entries = data.datasets()
if entries or need_circuits():  # a dataset of pathways has no circuits
    opened = board(table(COLUMNS, [_row(entry) for entry in entries]), key="datasets")
    follow(opened)
    by_name = {entry.manifest.dataset: entry for entry in entries}
    begin("dataset", next(iter(by_name)))
    chosen = st.selectbox(
        "Dataset",
        list(by_name),
        index=None,
        required=True,
        key="dataset",
        bind="query-params",
    )
    if chosen:
        entry = by_name[chosen]
        st.header(entry.manifest.title, anchor=False)
        st.markdown(entry.manifest.description)
        follow(board(dataset_facts(entry), source_table(entry), key="dataset-facts"))
