package wire

import (
	"github.com/classcode/maillage/pkg/errs"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Outlook is whether something can still be done, and why not, as the contract has it.
func Outlook(o domain.Outlook) (meshv1.GroupLinkState, *meshv1.GroupLinkRefusal) {
	switch {
	case o.Refusal != nil:
		e := errs.From(o.Refusal)
		return meshv1.GroupLinkState_GROUP_LINK_STATE_OVER, &meshv1.GroupLinkRefusal{Reason: e.Reason, TextFr: e.FR, TextEn: e.EN}
	case o.Done:
		return meshv1.GroupLinkState_GROUP_LINK_STATE_DONE, nil
	}
	return meshv1.GroupLinkState_GROUP_LINK_STATE_READY, nil
}
