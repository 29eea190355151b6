package desk

// Codes of FieldError: what is wrong with an input. The sentence of each is
// "refusal."+code in the catalogues; its facts stand behind it. No fact repeats
// what was typed.
const (
	CodeRequired       = "required"
	CodeTooLong        = "too_long"         // max, length
	CodeTooShort       = "too_short"        // min, length
	CodeUnknownChoice  = "unknown_choice"   // not one of those offered
	CodeEmailInvalid   = "email_invalid"    // not the address of one mailbox
	CodePhoneInvalid   = "phone_invalid"    // not a telephone number
	CodeRelationNote   = "relation_needed"  // how the person stands to the data subject, since it isn't self
	CodeChangeNeeded   = "change_needed"    // a correction without a field to correct
	CodeChangeSame     = "change_same"      // the proposed value is the old one
	CodeFieldUnknown   = "field_unknown"    // the policy does not let this field be corrected
	CodeFieldTwice     = "field_twice"      // one field, two corrections
	CodeReceivedFuture = "received_future"  // received later than now
	CodeReceivedLong   = "received_too_old" // days: received longer ago than that
	CodeReceiptLead    = "receipt_needs_lead"

	CodeIDNumberInvalid    = "id_number_invalid"
	CodeCreditCodeInvalid  = "credit_code_invalid"
	CodeBankAccountInvalid = "bank_account_invalid"
	CodeAmountInvalid      = "amount_invalid"
	CodeFilesNeeded        = "files_needed" // a document without a picture

	CodeFileEmpty     = "file_empty"
	CodeFileTooLarge  = "file_too_large" // max_mb
	CodeFileType      = "file_type"      // neither jpeg, png nor pdf, by content
	CodeImageBroken   = "image_broken"
	CodeImageTooLarge = "image_too_large" // megapixels
	CodeTooManyFiles  = "too_many_files"  // max
	CodeWordsOrFile   = "words_or_a_file" // a reply with neither
)

// Codes of the refusals (ticket.Error) that desk itself makes. All others come
// from the workflows.
const (
	CodeTicketClosed     = "ticket_closed"      // its procedure has ended
	CodeTooManyTries     = "too_many_tries"     // retry_at (RFC 3339)
	CodeTooManyMessages  = "too_many_messages"  // max: the ticket takes no more from the person
	CodeAgentUnknown     = "agent_unknown"      // Field "to": no such member of staff, or no longer
	CodeAgentOutside     = "agent_outside"      // Field "to": their role or queues do not let them have the ticket
	CodeNotAllowed       = "not_allowed"        // role, permission
	CodeNoTexts          = "no_texts"           // this desk sends no text messages
	CodeMethodNotOffered = "method_not_offered" // by the policy, or by this desk
	CodeServiceAway      = "service_away"       // a verifier's service did not answer
	CodeServiceRefused   = "service_refused"    // it can't check what was entered
	CodeNotRetained      = "not_retained"       // nothing is kept of this ticket, or no longer
)
