// A grant as text: what a store gives back is read with care.
import { expect } from 'chai';
import { grantOfText, textOfGrant } from '../../lib/index.js';

describe('A grant that was kept as text', () => {
  it('is the same once it is read', () => {
    const text = '{"access":"a","refresh":"b","expiresIn":1000,"lifetime":900,"subject":"ada"}';
    expect(textOfGrant(grantOfText(text))).to.equal(text);
  });

  it('has no lifetime that is longer than any number', () => {
    const grant = grantOfText('{"access":"a","expiresIn":1e309,"lifetime":-1e309}');
    expect(grant).to.not.have.property('lifetime');
    expect(grant.tokens).to.not.have.property('expiresIn');
  });
});
