SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# One set of build flags: the program that is tested is the program that runs, static, anywhere.
export CGO_ENABLED := 0

# In the order of the arrows: what a module requires is tidied before it.
MODULES := $(patsubst %/go.mod,%,proto/go.mod pkg/go.mod gateway/go.mod $(wildcard services/*/go.mod deploy/*/go.mod))
IN_TOOLS := GOWORK=off go -C tools
GENERATED := proto/gen gateway/gen

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and start everything in one process, data in ./var (needs Go only)
	@echo "Building bin/maillage, then serving everything from it with data in ./var."
	@echo "Needs Go and nothing else: no database, no broker, no Node. Ctrl-C stops."
	@$(MAKE) --no-print-directory build
	@exec bin/maillage serve --dev-login

test: build ## pass the whole suite; installs PostgreSQL when missing (as root, on Debian)
	@scripts/test

lint: tools ## dependency rule, contract, each module by itself, linters
	scripts/arch
	bin/buf lint proto
	bin/buf format proto --diff --exit-code
	bin/buf breaking proto --exclude-imports --against proto/baseline.binpb
	for m in $(MODULES); do echo "go vet, golangci-lint: $$m"; \
		GOWORK=off go -C $$m build -o /dev/null ./... ; GOWORK=off go -C $$m vet ./... ; (cd $$m && $(CURDIR)/bin/golangci-lint run ./...) ; done
	$(IN_TOOLS) vet ./...
	cd tools && GOWORK=off $(CURDIR)/bin/golangci-lint run ./...

generate: tools ## regenerate Go, gateway and OpenAPI from proto, and what go:generate asks for
	find $(GENERATED) -name '*.pb.go' -delete -o -name '*.pb.gw.go' -delete
	bin/buf generate
	$(IN_TOOLS) run ./cmd/openapi ../bin/openapi/maillage.swagger.json ../gateway/openapi.json
	go generate $(MODULES:%=./%/...)

tools: bin/buf bin/golangci-lint bin/protodeps/.done ## build the pinned tools into bin/

build: ## build the program into bin/maillage
	go build -o bin/maillage ./deploy/standalone

cluster: ## build and start the distributed form: PostgreSQL, three NATS servers, five processes
	@scripts/bootstrap postgres
	go build -o bin/ ./deploy/cluster ./gateway/cmd/gateway ./services/catalogue/cmd/catalogue ./services/mesh/cmd/mesh ./services/meetings/cmd/meetings ./services/indicators/cmd/indicators
	GOWORK=off go -C pkg build -o ../bin/nats-server github.com/nats-io/nats-server/v2
	@exec bin/cluster

bench: build ## measure against pgbench, net/http and the like; writes bench.json
	@go run ./deploy/standalone/bench

season: build ## play a season on the instance that make run started, with synthetic people
	@exec bin/maillage season

check: ## what CI runs
	.ci/run

tidy: ## align the modules' versions and tidy each go.mod
	go work sync
	for m in $(MODULES) tools tools/lint; do GOWORK=off go -C $$m mod tidy; done

refdata: ## rebuild the embedded reference data from their public sources (needs Node)
	scripts/bootstrap node
	npm --prefix scripts/refdata ci
	npm --prefix scripts/refdata run build
	npm --prefix scripts/refdata run check

clean: ## remove what was built; the data in ./var stay
	rm -rf bin

bin/buf: tools/go.mod tools/go.sum
	$(IN_TOOLS) build -o ../bin/ tool
	@touch $@

bin/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	GOWORK=off go -C tools/lint build -o ../../bin/ tool
	@touch $@

bin/protodeps/.done: tools/go.mod tools/go.sum $(wildcard tools/cmd/protodeps/*.go)
	$(IN_TOOLS) run ./cmd/protodeps ../bin/protodeps
	@touch $@

.PHONY: help run test lint generate tools build bench season check tidy refdata clean
