namespace Ear.Providers.Smtp;

/// <summary>Who of a mail's recipients was refused, by status and not by address: an address is somebody's, and goes into no log. Nor does the server's text, which mostly quotes it.</summary>
/// <param name="noAddress">How many are no addresses, so that nobody was asked.</param>
internal sealed class RecipientRefusals(int recipients, int noAddress)
{
    private readonly List<int> _statuses = [];

    public bool Any => noAddress > 0 || _statuses.Count > 0;

    /// <summary>4xx, e.g. greylisting or a mailbox that is full: another answer may come in a while.</summary>
    public bool MayPass => _statuses.Any(s => s is >= 400 and < 500);

    public string Text => $"of {recipients} recipients {string.Join(", ", _statuses.CountBy(s => s).OrderBy(s => s.Key).Select(s => $"{s.Value} refused with {s.Key}").Concat(noAddress > 0 ? [$"{noAddress} no mail address"] : []))}.";

    public void Add(int status) => _statuses.Add(status);
}
