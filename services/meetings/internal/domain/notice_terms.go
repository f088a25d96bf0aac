package domain

// Remote reports whether the person takes part, or would, from afar.
func (m Matter) Remote() bool { return m.Meeting.Mode == MeetingRemote || m.Addressee.Mode == Remote }

// Link is where the person takes part from afar. It is for those who do, and for nobody who may only hope to.
func (m Matter) Link() string {
	expected := m.Addressee.State == RegistrationConfirmed || m.Ask.State == AskAccepted
	if !expected || !m.Remote() {
		return ""
	}
	return m.Meeting.RemoteURL
}

// Terms are what there is to tell the person now.
func (m Matter) Terms() Terms {
	t := m.Meeting.Terms()
	if m.Remote() {
		t.PlaceID, t.RemoteURL = "", m.Link()
	}
	return t
}
