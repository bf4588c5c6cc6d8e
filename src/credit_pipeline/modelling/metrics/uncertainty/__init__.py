"""How sure a figure is, and whether two figures differ: intervals in closed form, by ranks and by resampling."""

__all__: list[str] = []
