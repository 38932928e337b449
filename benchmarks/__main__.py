"""`make bench`: every figure into one table."""

from rich.console import Console
from rich.table import Table

from benchmarks import first_page
from benchmarks.figure import Figure


def main() -> None:
    """Measure and print; absolute values stand beside the ratios and are never asserted."""
    figures: list[Figure] = [*first_page.measure()]
    table = Table("figure", "ours", "beside it", "ratio", "budget", "", title="Measured side by side in this run")
    for figure in figures:
        table.add_row(figure.name, figure.ours, figure.beside, figure.ratio, figure.budget, figure.verdict)
    Console(width=130).print(table)


main()
