namespace Ear.Providers;

/// <summary>The store cannot do its work; the message says what to do. Nothing of the failed save is kept, unless the message says that it is not known.</summary>
public sealed class StoreException(string message, Exception? inner = null) : IOException(message, inner);
