"""The documentation site: what ``docs/conf.py`` adds to Sphinx, one module for each thing that the site makes."""
