module github.com/classcode/maillage/services/mesh

go 1.26.0

require (
	github.com/classcode/maillage/pkg v0.0.0
	github.com/classcode/maillage/proto v0.0.0
)

require (
	github.com/golang/geo v0.0.0-20260818125358-b200a1149890 // indirect
	github.com/google/uuid v1.6.0 // indirect
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261019180522-ce908d29299b // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace github.com/classcode/maillage/proto => ../../proto

replace github.com/classcode/maillage/pkg => ../../pkg
