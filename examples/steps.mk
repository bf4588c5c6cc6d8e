# The steps one after the other, each in a separate process: make -f examples/steps.mk ENVIRONMENT=insurance
ENVIRONMENT ?= local
STEPS := data_split feature_engineering training deployment scoring

.PHONY: all $(STEPS)
all: scoring
feature_engineering: data_split
training: feature_engineering
deployment: training
scoring: deployment

$(STEPS):
	.venv/bin/kedro run --pipelines $@ --env $(ENVIRONMENT)
