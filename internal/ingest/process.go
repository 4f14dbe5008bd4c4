package main

import "context"

func (b *bench) process(ctx context.Context) error { return nil }
