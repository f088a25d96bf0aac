package domain

// LogisticsReads finds what a meeting needs and has: rooms, equipment and professionals in use.
type LogisticsReads interface {
	BookingReads
	RoomReads
	EquipmentReads
	LoanReads
	NeedReads
}

// LogisticsWrites changes what a meeting needs and has.
type LogisticsWrites interface {
	BookingWrites
	RoomWrites
	EquipmentWrites
	LoanWrites
	NeedWrites
}
