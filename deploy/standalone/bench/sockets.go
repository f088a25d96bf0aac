package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// page measures what the door as a process of its own leaves of the pages that the service gives to whoever calls it directly.
func (k *cluster) page(ctx context.Context, row *Row) (err error) {
	conn, err := grpc.NewClient(k.grpc["mesh"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	request := &meshv1.ListPlacesRequest{PageSize: pageSize}
	path := fmt.Sprintf("/v1/places?pageSize=%d", pageSize)
	if err := k.samePage(ctx, conn, request, path); err != nil {
		return err
	}
	theirs, err := calling(conn, meshv1.MeshService_ListPlaces_FullMethodName, request, connections)
	if err != nil {
		return err
	}
	return k.bench.alternate(ctx, row, getting(k.grpc["gateway"], path, connections), theirs)
}

// samePage makes sure that the door says the same as the service, to the token of the next page.
func (k *cluster) samePage(ctx context.Context, conn *grpc.ClientConn, request *meshv1.ListPlacesRequest, path string) error {
	want, err := meshv1.NewMeshServiceClient(conn).ListPlaces(ctx, request)
	if err != nil {
		return err
	}
	text, err := fetch(ctx, k.grpc["gateway"], path)
	if err != nil {
		return err
	}
	got := &meshv1.ListPlacesResponse{}
	if err := protojson.Unmarshal(text, got); err != nil {
		return err
	}
	if len(want.GetPlaces()) != pageSize || !proto.Equal(got, want) {
		return fmt.Errorf("%s: the door and the service do not answer the same:\n%v\n%v", path, got, want)
	}
	return nil
}

// calling is a side: so many callers make the same call over one connection, as a program does. Neither side reads what it was
// answered, so that the caller's part of the processor is small on both.
func calling(conn *grpc.ClientConn, method string, request proto.Message, callers int) (side, error) {
	in, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, d time.Duration) (float64, error) {
		return drive(ctx, callers, d, func(ctx context.Context, _ int) error {
			var size int
			if err := conn.Invoke(ctx, method, in, &size, grpc.ForceCodecV2(unread{})); err != nil {
				return err
			}
			if size == 0 {
				return fmt.Errorf("%s: an empty answer", method)
			}
			return nil
		}).strict()
	}, nil
}

// unread sends bytes as they are and counts those that come back; to the server it is protobuf.
type unread struct{}

// Name implements encoding.CodecV2.
func (unread) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (unread) Marshal(v any) (mem.BufferSlice, error) {
	text, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is no request", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(text)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (unread) Unmarshal(data mem.BufferSlice, v any) error {
	size, ok := v.(*int)
	if !ok {
		return fmt.Errorf("%T is no answer", v)
	}
	*size = data.Len()
	return nil
}
