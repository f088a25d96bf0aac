SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# One set of build flags: the program that is tested is the program that runs, static, anywhere.
export CGO_ENABLED := 0

# In the order of the arrows: what a module requires is tidied before it.
MODULES := $(patsubst %/go.mod,%,proto/go.mod pkg/go.mod gateway/go.mod $(wildcard services/*/go.mod deploy/*/go.mod) e2e/go.mod)
IN_TOOLS := GOWORK=off go -C tools
GENERATED := proto/gen gateway/gen
MAP := gateway/web/dist/app/manifest.json

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and start everything in one process, data in ./var (needs Go only)
	@echo "Building bin/maillage, then serving everything from it with data in ./var."
	@echo "Needs Go and nothing else: no database, no broker; with Node, the first page has a map. Ctrl-C stops."
	@$(MAKE) --no-print-directory build
	@exec bin/maillage serve --dev-login

test: programs ## pass the whole suite; installs PostgreSQL, Chromium and the like when missing (as root, on Debian)
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
	find $(GENERATED) \( -name '*.pb.go' -o -name '*.pb.gw.go' -o -name '*.pb.json.go' \) -delete
	bin/buf generate
	$(IN_TOOLS) run ./cmd/openapi ../bin/openapi/maillage.swagger.json ../gateway/openapi.json
	go generate $(MODULES:%=./%/...)

tools: bin/buf bin/golangci-lint bin/protoc-gen-json bin/protodeps/.done ## build the pinned tools into bin/

build: $(MAP) ## build the program into bin/maillage (its first page has a map where Node is)
	go build -o bin/maillage ./deploy/standalone

programs: build
	go build -o bin/ ./deploy/cluster ./gateway/cmd/gateway $(foreach s,catalogue mesh meetings indicators,./services/$s/cmd/$s)
	GOWORK=off go -C pkg build -o ../bin/nats-server github.com/nats-io/nats-server/v2

cluster: programs ## build and start the distributed form: PostgreSQL, three NATS servers, five processes
	@scripts/bootstrap postgres
	@exec bin/cluster

# It builds what it compares. PocketBase is a module of its own outside MODULES and go.work: its dependencies are nobody else's,
# and CI need not fetch them.
bench: ## measure against pgbench, net/http, gRPC, PocketBase and the like; writes bench.json
	@scripts/bootstrap postgres
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

# Where Node is missing this makes nothing, says so, and is tried again the next time.
$(MAP): $(wildcard gateway/web/*.* gateway/web/build gateway/web/src/*.ts gateway/web/src/*.css)
	@gateway/web/build

bin/buf: tools/go.mod tools/go.sum
	$(IN_TOOLS) build -o ../bin/ tool
	@touch $@

bin/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	GOWORK=off go -C tools/lint build -o ../../bin/ tool
	@touch $@

bin/protoc-gen-json: tools/go.mod tools/go.sum $(wildcard tools/cmd/protoc-gen-json/*.go)
	$(IN_TOOLS) build -o ../bin/ ./cmd/protoc-gen-json
	@touch $@

bin/protodeps/.done: tools/go.mod tools/go.sum $(wildcard tools/cmd/protodeps/*.go)
	$(IN_TOOLS) run ./cmd/protodeps ../bin/protodeps
	@touch $@

.PHONY: help run test lint generate tools build programs cluster bench season check tidy refdata clean
