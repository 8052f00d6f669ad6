using MailKit.Net.Smtp;
using MimeKit;

namespace Ear.Providers.Smtp;

/// <summary>Goes on to the next recipient where MailKit's own client would drop the mail for all: one address that is no more must not keep a mail from everybody.</summary>
internal sealed class PatientClient(RecipientRefusals refusals) : SmtpClient
{
    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => refusals.Add((int)response.StatusCode);

    protected override void OnNoRecipientsAccepted(MimeMessage message) => throw new NobodyAcceptedException();
}

/// <summary>After it the client has hung up.</summary>
internal sealed class NobodyAcceptedException() : Exception("Every recipient was refused.");
